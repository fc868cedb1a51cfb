/** How many colours the page has for methods; a ninth method starts again. */
export const METHOD_COLOURS = 8;

/** The class that gives a method its colour, by its place among the methods. */
export function methodClass(index: number): string {
  return `method-${index % METHOD_COLOURS}`;
}

/** A small square in the method's colour. */
export function methodSwatch(index: number): string {
  return `<span class="swatch ${methodClass(index)}" aria-hidden="true"></span>`;
}
