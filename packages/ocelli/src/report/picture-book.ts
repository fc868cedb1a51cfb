import { escapeHtml } from './escape-html.js';

const DATA_URI = /^data:image\/[a-z0-9.+-]+;base64,[A-Za-z0-9+/]+=*$/;
const PIXELATED_UP_TO = 160;

/**
 * The pictures of one report. Each lies in the page once, as the background of a class, however often it is shown.
 */
export class PictureBook {
  readonly #classes = new Map<string, string>();

  /**
   * An element that shows `picture`, as a square in which it lies whole.
   *
   * @param picture `data:image/...;base64,...`
   * @param description what a screen reader says
   * @throws TypeError for any other address, since it would need the network or break the page
   */
  show(picture: string, description: string): string {
    let name = this.#classes.get(picture);
    if (name === undefined) {
      if (!DATA_URI.test(picture)) {
        const found = picture.length > 40 ? `${picture.slice(0, 40)}...` : picture;
        throw new TypeError(
          `[renderReport] a picture is "${found}"; pass a data:image/...;base64,... address (pngDataUri makes one)`,
        );
      }
      name = `picture-${this.#classes.size}`;
      this.#classes.set(picture, name);
    }
    return `<span class="picture ${name}" role="img" aria-label="${escapeHtml(description)}"></span>`;
  }

  /** The style rules of all pictures shown so far. */
  css(): string {
    return [...this.#classes]
      .map(([picture, name]) => {
        // Enlarged drawings keep their pixels; a photograph that is made smaller must not lose rows.
        const rendering = pngWidth(picture) <= PIXELATED_UP_TO ? ';image-rendering:pixelated' : '';
        return `.${name}{background-image:url("${picture}")${rendering}}`;
      })
      .join('\n');
  }
}

function pngWidth(picture: string): number {
  const prefix = 'data:image/png;base64,';
  if (!picture.startsWith(prefix)) return Number.POSITIVE_INFINITY;
  const head = Buffer.from(picture.slice(prefix.length, prefix.length + 32), 'base64');
  return head.length >= 20 ? head.readUInt32BE(16) : Number.POSITIVE_INFINITY;
}
