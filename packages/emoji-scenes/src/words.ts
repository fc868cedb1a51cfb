import type { Scene } from './scene.js';

/** The words for 1 to 4. */
export const numberWords = ['one', 'two', 'three', 'four'] as const;

/** "three red apples", or for one "a red apple". */
function things({ concept, count }: Scene): string {
  return count === 1 ? `${concept.article} ${concept.label}` : `${numberWords[count - 1]} ${concept.plural}`;
}

/**
 * What people may say of the scene; the first is the canonical caption, which training uses:
 * "three red apples on a blue background", "a red apple on an orange background".
 */
export function captionsOf(scene: Scene): string[] {
  const { name } = scene.background;
  const background = `${name === 'orange' ? 'an' : 'a'} ${name} background`;
  const thing = things(scene);
  return [
    `${thing} on ${background}`,
    `${scene.count === 1 ? 'there is' : 'there are'} ${thing} on ${background}`,
    `a picture of ${thing} on ${background}`,
    `${thing} in front of ${background}`,
    `${background} with ${thing} on it`,
  ];
}
