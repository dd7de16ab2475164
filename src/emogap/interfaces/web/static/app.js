// What every page can do: switch the theme, submit a select when it changes, say what went wrong.

const root = document.documentElement;

document.querySelector("[data-theme-switch]")?.addEventListener("click", () => {
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("emogap-theme", root.dataset.theme);
  document.dispatchEvent(new CustomEvent("themechange"));
});

for (const select of document.querySelectorAll("select[data-submits]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// A part of a page that nobody answers for says so, where it would wait for ever.
document.addEventListener("htmx:sendError", (event) => {
  const said = document.createElement("p");
  said.className = "what";
  said.setAttribute("role", "alert");
  said.textContent = document.body.dataset.noAnswer;
  event.target.replaceChildren(said);
});
