// Small things around a session: the screen as the browser sees it, and printing.

const width = document.getElementById("width");
if (width) {
  width.value = Math.round(screen.width * devicePixelRatio);
  document.getElementById("height").value = Math.round(screen.height * devicePixelRatio);
}
document.getElementById("print")?.addEventListener("click", () => print());
