// What the client logs to: winston's loggers fit, and so does nothing at all.

export interface ClientLogger {
  debug(message: string, facts?: object): unknown;
  info(message: string, facts?: object): unknown;
  warn(message: string, facts?: object): unknown;
  error(message: string, facts?: object): unknown;
}

const nothing = (): undefined => undefined;
export const silentLogger: ClientLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
