import { runCommand } from 'citty';
import { nearest } from '../config/nearest.js';
import { packageVersion } from '../package-version.js';
import { checkArguments } from './check-arguments.js';
import { commands } from './commands.js';
import { describeError } from './describe-error.js';
import { InterruptedError, interruptedExitCode } from './interrupt.js';
import { overview, usage } from './usage.js';
import { UsageError } from './usage-error.js';

/**
 * The `ocelli` command.
 *
 * @param words the command line without node and script.
 * @returns the exit code: 0, 1 for an error (one sentence on stderr), 130 after Ctrl-C.
 */
export async function main(words: readonly string[]): Promise<number> {
  try {
    return await dispatch(words);
  } catch (error) {
    if (error instanceof InterruptedError) return interruptedExitCode;
    process.stderr.write(`${describeError(error)}\n`);
    return 1;
  }
}

async function dispatch([first, ...rest]: readonly string[]): Promise<number> {
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    const [name] = first === 'help' ? rest : [];
    if (name !== undefined) return dispatch([name, '--help']);
    process.stdout.write(`${overview(commands, packageVersion())}\n`);
    return first === undefined ? 1 : 0;
  }
  if (first === '--version' || first === '-v') {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const lazy = Object.hasOwn(commands, first) ? commands[first] : undefined;
  if (!lazy) {
    const guess = nearest(first, Object.keys(commands));
    throw new UsageError(
      '',
      `there is no command "${first}"; ${guess ? `did you mean "${guess}"?` : `choose ${Object.keys(commands).join(', ')}`}`,
    );
  }
  const command = await lazy.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`${usage(first, command)}\n`);
    return 0;
  }
  checkArguments(first, command, rest);
  const { result } = await runCommand(command.definition, { rawArgs: [...rest] });
  return typeof result === 'number' ? result : 0;
}
