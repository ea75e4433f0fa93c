// The process of one validator or relay: starts it, stops it on signals or when its parent is gone, and turns every end into an exit code.
import type { NodeConfig } from './config.js';
import { homeFiles } from './config.js';
import { createLogger, type Logger } from './logger.js';
import { NodeError, reasonOf } from './nodeError.js';
import { Relay, type RelayConfig } from './relay/relay.js';
import { reportState } from './stateReport.js';
import { Validator } from './validator.js';

const STOP_WITHIN_MS = 6_000;

interface Node {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when it was asked to stop. Throws NodeError. */
export function runValidator(config: NodeConfig): Promise<void> {
  const logger = createLogger({ level: config.logLevel, validator: config.name, file: homeFiles(config.home).log, console: !process.connected });
  return run(logger, (fatal, restart) => new Validator(config, { logger, report: reportState, fatal, restart }));
}

/** The same for a relay; `print` is told where it listens. */
export function runRelay(config: RelayConfig, print: (line: string) => void): Promise<void> {
  const logger = createLogger({ level: 'info', validator: config.name, file: homeFiles(config.dataDir).log, console: true });
  return run(logger, (fatal) => new Relay(config, { logger, listening: print, fatal }));
}

async function run(logger: Logger, make: (fatal: (error: NodeError) => void, restart: () => void) => Node): Promise<void> {
  let end!: (reason: NodeError | undefined) => void;
  const ended = new Promise<NodeError | undefined>((resolve) => (end = resolve));
  let restart!: () => void;
  let node!: Node;
  const begin = (): Promise<void> => {
    const again = new Promise<void>((resolve) => (restart = resolve));
    node = make(end, restart);
    const began = node.start();
    void again.then(() => began).then(() => node.stop()).then(begin).catch((error: unknown) => end(error instanceof NodeError ? error : unexpected(error)));
    return began;
  };
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(event, () => end(undefined));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error: unknown) => end(unexpected(error)));
  let failure: NodeError | undefined;
  try {
    await begin();
    failure = await ended;
  } catch (error) {
    failure = error instanceof NodeError ? error : unexpected(error);
  }
  const force = setTimeout(() => process.exit(failure?.exitCode ?? 1), STOP_WITHIN_MS);
  await node.stop().catch((error: unknown) => logger.error('stopping failed', { reason: reasonOf(error) }));
  clearTimeout(force);
  if (failure) reportState({ state: 'fatal', code: failure.code, text: failure.message, exitCode: failure.exitCode });
  // The channel to the parent would keep this process alive.
  if (process.connected) process.disconnect();
  if (failure) throw failure;
}

function unexpected(error: unknown): NodeError {
  const where = error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : String(error);
  return new NodeError('Unexpected', `unexpected: ${where}`, { cause: error });
}
