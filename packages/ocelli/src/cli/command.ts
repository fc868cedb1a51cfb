import type { ArgsDef, CommandDef } from 'citty';

/** A command of the CLI: citty's definition, and examples for its help. */
export interface CliCommand<Args extends ArgsDef = ArgsDef> {
  readonly definition: CommandDef<Args>;
  /** Command lines with a comment after `  # ` if need be. */
  readonly examples: readonly string[];
  /** More than one word for the last positional argument. */
  readonly manyPositionals?: boolean;
  /** A paragraph under the options. */
  readonly notes?: readonly string[];
}

/** A command that is loaded when it is called; its one line stands in the overview. */
export interface LazyCommand {
  readonly summary: string;
  readonly load: () => Promise<CliCommand>;
}
