// `data-confirm="WORDS"` on a form or a button asks before it is done; without words, in those of
// `<body data-sure>`.

const sure = (words: string | undefined): boolean => window.confirm(words || document.body.dataset["sure"] || "?");

export function begin(): void {
  document.addEventListener("submit", (event) => {
    const by = event.submitter?.dataset["confirm"] ?? (event.target as HTMLElement).dataset["confirm"];
    if (by !== undefined && !sure(by)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest<HTMLElement>("a[data-confirm], button[type=button][data-confirm]");
    if (link && !sure(link.dataset["confirm"])) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
}
