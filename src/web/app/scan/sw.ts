// The scan app.
export {};
