// The questions after a clip: answered by keys, mouse or touch; what is left open is asked for once more.

const form = document.getElementById("questions");
const open = document.getElementById("open");
const NUMBERS = ["pleasure", "arousal", "dominance"];
const WORDS = ["emotion7", "emotion3"];

// The digit of a key, also where digits need the shift key.
const digitOf = (event) => (/^[1-9]$/.test(event.key) ? event.key : /^Digit([1-9])$/.exec(event.code)?.[1]);

function given() {
  const answers = new FormData(form);
  const read = (names, as) => names.filter((name) => answers.has(name)).map((name) => [name, as(answers.get(name))]);
  return Object.fromEntries([...read(NUMBERS, Number), ...read(WORDS, String)]);
}

// What was answered; empty if the participant would rather not.
export function askQuestions(texts) {
  form.reset();
  open.textContent = "";
  form.querySelector("input").focus();
  return new Promise((done) => {
    const rules = new AbortController();
    const end = (answers) => { rules.abort(); done(answers); };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const answers = given();
      const left = [...NUMBERS, ...WORDS].filter((name) => !(name in answers));
      if (!left.length || open.textContent) { end(answers); return; }
      open.textContent = texts.open.replace("%1", left.length);
      form.querySelector(`[name=${left[0]}]`).focus();
    }, { signal: rules.signal });
    document.getElementById("no-answer").addEventListener("click", () => end({}), { signal: rules.signal });
  });
}

// A digit answers the question that is looked at, and goes on to the next; one more digit after the last is no answer.
export function answerByKey(event) {
  if (event.key === "Enter" && !event.target.closest("button")) {
    form.requestSubmit();
    return true;
  }
  const group = document.activeElement.closest?.("#questions fieldset");
  const chosen = group?.querySelectorAll("input")[digitOf(event) - 1];
  if (!chosen) return false;
  chosen.checked = true;
  const following = group.nextElementSibling?.querySelector("input, #keep");
  (following ?? chosen).focus();
  following?.scrollIntoView({ block: "nearest" });
  return true;
}
