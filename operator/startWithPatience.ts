// Starts the chain client, however long the validators take to answer; anything but their absence is a fault to stop for.
import { describeError } from './runtime/describeError.js';
import type { Logger } from './runtime/logger.js';

const AWAY = ['Unreachable', 'Timeout', 'Unverified', 'NotFound'];
const RETRY_MS = 1_000;

export async function startWithPatience(start: () => Promise<void>, logger: Logger, signal: AbortSignal, retryMs = RETRY_MS): Promise<void> {
  for (;;) {
    try {
      return await start();
    } catch (error) {
      const { code, message } = describeError(error);
      if (!AWAY.includes(code)) throw error;
      logger.warn(`the chain is not there yet: ${message}`, { code });
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    if (signal.aborted) return;
  }
}
