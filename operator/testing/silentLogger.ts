// A logger that keeps its lines for tests to read.
import type { Logger } from '../runtime/logger.js';

export interface LogLine {
  level: string;
  message: string;
  [field: string]: unknown;
}

export function silentLogger(): Logger & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: string) =>
    (message: string, fields: object = {}) =>
      void lines.push({ level, message, ...fields });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } as unknown as Logger & { lines: LogLine[] };
}
