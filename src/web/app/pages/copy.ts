// `data-copy="TEXT"` on a button copies the text; without a text, what `data-copy-from="#id"` holds. The button has
// the class `is-copied` for a moment, and says `<body data-copied>`.

const SHOWN_MS = 1500;

async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without HTTPS there is no clipboard; there is the old way.
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export function begin(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element | null)?.closest<HTMLElement>("[data-copy]");
    if (!button) return;
    event.preventDefault();
    const from = button.dataset["copyFrom"];
    const text = button.dataset["copy"] || (from && document.querySelector(from)?.textContent?.trim()) || "";
    void copy(text).then(() => {
      const said = document.body.dataset["copied"];
      const title = button.title;
      button.classList.add("is-copied");
      if (said) button.title = said;
      setTimeout(() => {
        button.classList.remove("is-copied");
        button.title = title;
      }, SHOWN_MS);
    });
  });
}
