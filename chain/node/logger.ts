// The validator's log: JSON lines to a file that rotates, people's lines to the console.
import winston from 'winston';
import type { LogLevel } from './config.js';

export type Logger = winston.Logger;

const MAX_FILE_BYTES = 20 * 1024 * 1024;
const KEPT_FILES = 5;

const line = winston.format.printf(({ timestamp, level, message, validator, ...rest }) => {
  const facts = Object.entries(rest).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [timestamp, level, validator, message, ...facts].filter((part) => part !== undefined).join(' ');
});

/** `file` undefined: console only. Every entry carries the validator's address. */
export function createLogger({ level, validator, file, console }: { level: LogLevel; validator: string; file?: string; console: boolean }): Logger {
  const transports: winston.transport[] = [];
  if (file !== undefined) {
    transports.push(new winston.transports.File({ filename: file, maxsize: MAX_FILE_BYTES, maxFiles: KEPT_FILES, tailable: true, format: winston.format.json() }));
  }
  if (console) transports.push(new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'], format: line }));
  return winston.createLogger({
    level,
    silent: transports.length === 0,
    defaultMeta: { validator },
    format: winston.format.combine(winston.format.timestamp(), winston.format.errors({ stack: true })),
    transports,
  });
}
