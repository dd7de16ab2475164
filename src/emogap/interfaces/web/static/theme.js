// Before the first paint: the theme that the reader chose, else the system's.
{
  const chosen = localStorage.getItem("emogap-theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
}
