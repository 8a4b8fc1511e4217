declare module "*.css";
declare module "htmx-ext-sse";
