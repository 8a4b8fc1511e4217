// `data-print` on a button prints the page; on <body> it prints as soon as everything is there.

export function begin(): void {
  document.addEventListener("click", (event) => {
    if ((event.target as Element | null)?.closest("button[data-print], a[data-print]")) {
      event.preventDefault();
      window.print();
    }
  });
  if (document.body.hasAttribute("data-print")) window.addEventListener("load", () => window.print());
}
