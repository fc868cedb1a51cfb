import { conceptByLabel } from '@ocelli/emoji-scenes';
import { Random } from '@ocelli/ops';
import { expect, it } from 'vitest';
import { pickMoreDrawing, readMoreDrawings } from './more-drawings.js';

it('finds every chosen icon, and gives each concept its own now and then', () => {
  const drawings = readMoreDrawings();
  const rocket = conceptByLabel('rocket');
  expect(drawings.get(rocket.id)!.map(({ isSilhouette }) => isSilhouette)).toEqual([
    false,
    true,
    true,
    true,
    true,
    true,
  ]);
  const random = new Random(1);
  const picks = Array.from({ length: 2000 }, () => pickMoreDrawing(drawings, rocket, random));
  const share = (isSilhouette: boolean) =>
    picks.filter((one) => one?.isSilhouette === isSilhouette).length / picks.length;
  // Three standard deviations of shares of 2000 draws.
  expect(Math.abs(share(false) - 0.12)).toBeLessThan(0.022);
  expect(Math.abs(share(true) - 0.15)).toBeLessThan(0.024);
  expect(picks.filter(Boolean).every((one) => drawings.get(rocket.id)!.includes(one!))).toBe(true);
  const anvil = { ...rocket, id: -1 };
  expect(Array.from({ length: 100 }, () => pickMoreDrawing(drawings, anvil, random)).filter(Boolean)).toEqual(
    [],
  );
});
