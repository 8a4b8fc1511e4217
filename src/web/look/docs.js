// Begins the page of the API. Its own file: the policy of our pages runs no script that is written into a page.
window.addEventListener("load", () => {
  const csrf = document.querySelector('meta[name="csrf"]')?.content;
  window.SwaggerUIBundle({
    url: "/api/v1/openapi.json",
    dom_id: "#document",
    deepLinking: true,
    validatorUrl: null,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    requestInterceptor: (request) => {
      if (csrf && !["GET", "HEAD"].includes((request.method ?? "GET").toUpperCase())) {
        request.headers["X-CSRF-Token"] = csrf;
      }
      return request;
    },
  });
});
