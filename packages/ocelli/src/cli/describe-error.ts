/** One sentence for a person; with OCELLI_DEBUG=1 the stack as well. */
export function describeError(error: unknown): string {
  if (process.env.OCELLI_DEBUG === '1')
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = (error instanceof Error ? error.message : String(error)).trim();
  const line = message.replaceAll(/\s*\n\s*/g, ' ');
  // What Ocelli raises on purpose begins with the operation in brackets.
  if ((error instanceof Error && error.name === 'UsageError') || /^\[[a-zA-Z][\w ./-]*\] /.test(line))
    return `ocelli: ${line}`;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code && /^E[A-Z]+$/.test(code)) return `ocelli: ${line}; correct the path, its permissions or the disk`;
  return `ocelli: unexpected error: ${line}; run it again with OCELLI_DEBUG=1 and report what it prints`;
}
