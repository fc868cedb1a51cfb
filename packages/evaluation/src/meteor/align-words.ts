import type { LexiconWord } from './meteor-lexicon.js';

/** How two words are alike; the order is that of METEOR's stages. */
const STAGES = ['exact', 'stem', 'synonym'] as const;
const EXACT = 0;

/** Word `hypothesis` matches word `reference` in stage `stage`. */
export interface WordMatch {
  readonly hypothesis: number;
  readonly reference: number;
  readonly stage: number;
}

/** The best one-to-one matching of the words of two sentences. */
export interface Alignment {
  /** In the order of the reference. */
  readonly matches: readonly WordMatch[];
  /** Runs of matches that are adjacent and in the same order on both sides. */
  readonly chunks: number;
}

const BEAM = 40;

/** One way to match the reference words seen so far. */
class Path {
  constructor(
    readonly exact: number,
    readonly chunks: number,
    /** The hypothesis word after the last match, -1 behind a gap. */
    readonly end: number,
    readonly distance: number,
    readonly last: WordMatch | null,
    readonly before: Path | null,
  ) {}

  uses(hypothesis: number): boolean {
    for (let path: Path | null = this; path !== null; path = path.before) {
      if (path.last?.hypothesis === hypothesis) return true;
    }
    return false;
  }

  with(match: WordMatch, distance: number): Path {
    const apart = this.end !== -1 && match.hypothesis !== this.end;
    return new Path(
      this.exact + (match.stage === EXACT ? 1 : 0),
      this.chunks + (apart ? 1 : 0),
      match.hypothesis + 1,
      distance,
      match,
      this,
    );
  }

  /** Leaves a reference word without a match. */
  skip(distance: number): Path {
    return new Path(this.exact, this.chunks + (this.end === -1 ? 0 : 1), -1, distance, null, this);
  }
}

/**
 * More exact matches first, then fewer chunks, then less distance. The original means half a point for a match by
 * stem or synonym but adds it to an integer, where it vanishes; that decides between alignments, so it is kept.
 */
const compare = (a: Path, b: Path): number =>
  b.exact - a.exact || a.chunks - b.chunks || a.distance - b.distance;

function shareSet(a: readonly number[], b: readonly number[]): boolean {
  for (const set of a) if (b.includes(set)) return true;
  return false;
}

/** All pairs of alike words by their reference word, and how many matches every word is part of. */
function candidates(hypothesis: readonly LexiconWord[], reference: readonly LexiconWord[]) {
  const byReference: WordMatch[][] = reference.map(() => []);
  const hypothesisUses = new Int32Array(hypothesis.length);
  const identical =
    hypothesis.length === reference.length && hypothesis.every((word, i) => word.id === reference[i]!.id);
  for (let stage = 0; stage < (identical ? 1 : STAGES.length); stage++) {
    for (let r = 0; r < reference.length; r++) {
      const wanted = reference[r]!;
      for (let h = 0; h < hypothesis.length; h++) {
        const word = hypothesis[h]!;
        const same = word.id === wanted.id;
        const alike =
          stage === EXACT
            ? same
            : !same &&
              (stage === 1 ? word.stem === wanted.stem : shareSet(word.synonymSets, wanted.synonymSets));
        if (!alike) continue;
        byReference[r]!.push({ hypothesis: h, reference: r, stage });
        hypothesisUses[h]! += 1;
      }
    }
  }
  return { byReference, hypothesisUses };
}

/**
 * The alignment that METEOR 1.5 scores: a search from left to right over the reference with a beam of 40, which for
 * sentences of caption length is all there is. A match with no rival on either side is always part of it.
 */
export function alignWords(hypothesis: readonly LexiconWord[], reference: readonly LexiconWord[]): Alignment {
  const { byReference, hypothesisUses } = candidates(hypothesis, reference);
  let paths = [new Path(0, 0, -1, 0, null, null)];
  for (let r = 0; r < reference.length; r++) {
    if (paths.length > 1) paths.sort(compare);
    if (paths.length > BEAM) paths.length = BEAM;
    const matches = byReference[r]!;
    const only = matches.length === 1 && hypothesisUses[matches[0]!.hypothesis] === 1 ? matches[0]! : null;
    if (only) {
      paths = paths.map((path) => path.with(only, path.distance + Math.abs(r - only.hypothesis)));
    } else if (matches.length === 0) {
      paths = paths.map((path) => path.skip(path.distance));
    } else {
      const next: Path[] = [];
      for (const path of paths) {
        // A slip of the original that decides ties: the distance of a match is charged to the ways that are tried
        // after it, not to the match itself.
        let { distance } = path;
        for (const match of matches) {
          if (path.uses(match.hypothesis)) continue;
          next.push(path.with(match, distance));
          distance += Math.abs(r - match.hypothesis);
        }
        next.push(path.skip(distance));
      }
      paths = next;
    }
  }
  paths.sort(compare);
  if (paths.length > BEAM) paths.length = BEAM;
  let best = paths[0]!;
  // The last run closes at the end, which can reorder what the beam holds.
  const chunksOf = (path: Path) => path.chunks + (path.end === -1 ? 0 : 1);
  for (const path of paths) {
    const order = path.exact - best.exact || chunksOf(best) - chunksOf(path) || best.distance - path.distance;
    if (order > 0) best = path;
  }
  const chosen: WordMatch[] = [];
  for (let path: Path | null = best; path !== null; path = path.before) if (path.last) chosen.push(path.last);
  return { matches: chosen.reverse(), chunks: chunksOf(best) };
}
