import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Concept, concepts, type Drawing, drawingNamed, type IconifySet } from '@ocelli/emoji-scenes';
import type { Random } from '@ocelli/ops';

/** A drawing by somebody who is no artist of the data set. */
export interface MoreDrawing extends Drawing {
  /** A silhouette in black, whose colour means nothing. */
  readonly isSilhouette: boolean;
}

/** Sets drawn in colours; the others are silhouettes. */
const coloured: ReadonlySet<string> = new Set(['streamline-emojis']);

/** Which icon of which set draws what, chosen by eye: set → label → name of the icon. */
type Choices = Record<string, Record<string, string>>;

/**
 * Drawings of the scenes' things from other icon sets, for the encoder alone: the more hands it has seen draw a thing, the
 * better it knows the thing in one more's.
 *
 * @returns the drawings in colours and the silhouettes of each concept's id.
 */
export function readMoreDrawings(): Map<number, MoreDrawing[]> {
  const choices = JSON.parse(readFileSync(new URL('more-drawings.json', import.meta.url), 'utf8')) as Choices;
  const { resolve } = createRequire(import.meta.url);
  const idOf = new Map(concepts('harder').map(({ label, id }) => [label, id]));
  const drawings = new Map<number, MoreDrawing[]>();
  for (const [set, names] of Object.entries(choices)) {
    const file = resolve(`@iconify-json/${set}/icons.json`);
    const icons = JSON.parse(readFileSync(file, 'utf8')) as IconifySet;
    const isSilhouette = !coloured.has(set);
    for (const [label, chosen] of Object.entries(names)) {
      const drawing = drawingNamed(icons, chosen);
      const id = idOf.get(label);
      if (!drawing || id === undefined) {
        throw new Error(`[vision-model] ${set} has no icon "${chosen}", or no thing is called "${label}"`);
      }
      const body = drawing.body.replaceAll('currentColor', '#000');
      drawings.set(id, [...(drawings.get(id) ?? []), { ...drawing, body, isSilhouette }]);
    }
  }
  return drawings;
}

/** How often one that is drawn in colours, or a silhouette, takes the place of an artist's drawing. */
export const drawingShares = { coloured: 0.12, silhouette: 0.15 };

/** Now and then, one of more people's drawings of a concept. */
export function pickMoreDrawing(
  drawings: ReadonlyMap<number, readonly MoreDrawing[]>,
  { id }: Concept,
  random: Random,
): MoreDrawing | undefined {
  const draw = random.uniform();
  if (draw >= drawingShares.coloured + drawingShares.silhouette) return undefined;
  const ofKind = (drawings.get(id) ?? []).filter(
    ({ isSilhouette }) => isSilhouette === draw >= drawingShares.coloured,
  );
  return ofKind[Math.floor(random.uniform() * ofKind.length)];
}
