/** What may be broken in a data set. */
export type ProblemKind = 'annotations' | 'ids' | 'missing' | 'unreadable' | 'undecodable';

/** How each kind is called before its number. */
export const problemNames: Readonly<Record<ProblemKind, string>> = {
  annotations: 'broken annotations',
  ids: 'ids that are not unique',
  missing: 'missing files',
  unreadable: 'unreadable files',
  undecodable: 'files that cannot be decoded',
};

/** One kind of what is broken. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly count: number;
  /** The first ten. */
  readonly first: readonly string[];
}

const kept = 10;

/** Counts what is broken, and keeps the first ten of each kind. */
export class Problems {
  readonly #found = new Map<ProblemKind, { count: number; first: string[] }>();

  add(kind: ProblemKind, message: string): void {
    const problem = this.#found.get(kind) ?? { count: 0, first: [] };
    this.#found.set(kind, problem);
    problem.count++;
    if (problem.first.length < kept) problem.first.push(message);
  }

  list(): Problem[] {
    const kinds = Object.keys(problemNames) as ProblemKind[];
    return kinds.flatMap((kind) => {
      const problem = this.#found.get(kind);
      return problem ? [{ kind, ...problem }] : [];
    });
  }
}
