declare module 'wink-porter2-stemmer' {
  /** The stem of a lower-case English word by Porter's second algorithm, which Snowball calls "english". */
  export default function stem(word: string): string;
}
