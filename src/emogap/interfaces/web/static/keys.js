// Before the page is there: keys that are pressed while its scripts are still on their way wait for them.
{
  const early = [];
  const keep = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    early.push(event);
    // Enter would send what was not chosen yet.
    if (event.key === "Enter" && !event.target.closest("button, a, select, textarea")) event.preventDefault();
  };
  document.addEventListener("keydown", keep);
  window.answerKeys = (answer) => {
    document.removeEventListener("keydown", keep);
    document.addEventListener("keydown", answer);
    early.forEach(answer);
  };
}
