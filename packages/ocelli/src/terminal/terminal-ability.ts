/** How many colours can be written: none, the 16 of ANSI, the 256 of xterm, or any of 24 bits. */
export type ColourDepth = 'none' | 'basic' | '256' | '24-bit';

/** What a stream can show. */
export interface TerminalAbility {
  /** A person looks at it: lines may be redrawn. */
  readonly interactive: boolean;
  readonly colour: ColourDepth;
  /** False where only ASCII is safe. */
  readonly unicode: boolean;
  /** Width in characters; 80 if the stream does not say. */
  readonly columns: number;
}

/** The parts of a stream that tell what it can show; `process.stdout` and `process.stderr` are such streams. */
export interface TerminalStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const FORCED: Readonly<Record<string, ColourDepth>> = {
  '0': 'none',
  false: 'none',
  '2': '256',
  '3': '24-bit',
};

function colourDepth(interactive: boolean, environment: Environment): ColourDepth {
  if (environment.NO_COLOR) return 'none'; // https://no-color.org: any value but the empty string
  const forced = environment.FORCE_COLOR;
  if (forced !== undefined && forced in FORCED) return FORCED[forced]!;
  const term = environment.TERM ?? '';
  if ((!interactive && forced === undefined) || term === 'dumb') return 'none';
  if (/^(truecolor|24bit)$/i.test(environment.COLORTERM ?? '') || /-(direct|truecolor)$/.test(term))
    return '24-bit';
  if (
    environment.WT_SESSION ||
    /^(iTerm\.app|WezTerm|ghostty|vscode)$/.test(environment.TERM_PROGRAM ?? '')
  ) {
    return '24-bit';
  }
  if (/^(xterm-(kitty|ghostty)|alacritty|foot|wezterm)/.test(term)) return '24-bit';
  return /-256(color)?$/.test(term) ? '256' : 'basic';
}

function showsUnicode(environment: Environment): boolean {
  if (environment.TERM === 'linux' || environment.TERM === 'dumb') return false;
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG;
  // Containers often set no locale at all, while the terminal around them shows UTF-8.
  return locale === undefined || locale === '' || /utf-?8/i.test(locale);
}

/**
 * What a stream can show, from the stream itself and the environment (`NO_COLOR`, `FORCE_COLOR`, `COLORTERM`, `TERM`,
 * the locale).
 *
 * @param stream default standard output
 * @param environment default that of the process
 */
export function terminalAbility(
  stream: TerminalStream = process.stdout,
  environment: Environment = process.env,
): TerminalAbility {
  const interactive = stream.isTTY === true && environment.TERM !== 'dumb';
  return {
    interactive,
    colour: colourDepth(interactive, environment),
    unicode: showsUnicode(environment),
    columns: stream.columns && stream.columns > 0 ? stream.columns : 80,
  };
}
