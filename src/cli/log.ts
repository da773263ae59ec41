/** Structured lines on standard error, one JSON object each; quiet unless asked. */
export type Log = (event: string, details?: { [key: string]: unknown }) => void;

/** `GITMEND_LOG=info` (or `--verbose`) prints events; secrets never reach this function. */
export function openLog(verbose: boolean, write: (line: string) => void): Log {
  if (!verbose) return () => undefined;
  return (event, details = {}) => write(JSON.stringify({ time: new Date().toISOString(), event, ...details }) + '\n');
}
