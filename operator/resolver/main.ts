// enc-resolver: service discovery from the chain, over DNS and HTTP; it needs neither a key nor Kubernetes (agreement 2.1).
import { createChainClient } from '../../chain/client/chainClient.js';
import { HelpShown } from '../config.js';
import { describeError } from '../runtime/describeError.js';
import { createLogger } from '../runtime/logger.js';
import { startWithPatience } from '../startWithPatience.js';
import { readConfig, type ResolverConfig } from './config.js';
import { startDnsServer, startHttpServer } from './servers.js';
import { ServiceTable } from './serviceTable.js';

const BAD_CONFIG = 2;

async function run({ endpoints, genesis, logLevel, host, dnsPort, httpPort }: ResolverConfig): Promise<void> {
  const logger = createLogger('enc-resolver', logLevel);
  const client = createChainClient({ endpoints, genesis, logger });
  const stopping = new AbortController();
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  const table = new ServiceTable(client, logger, ({ serviceId, targets, height }) => logger.info('the calls are shared anew', { serviceId, targets: targets.length, height }));
  const dns = await startDnsServer(table, host, dnsPort);
  const http = await startHttpServer(table, host, httpPort);
  const begun = startWithPatience(() => client.start(), logger, stopping.signal).then(() => table.start());
  begun.then(
    () => logger.info('resolving', { host, dnsPort: dns.address().port, httpPort, services: table.list().length }),
    (error: unknown) => logger.error(describeError(error).message, { code: describeError(error).code }),
  );
  await asked;
  stopping.abort();
  table.stop();
  dns.close();
  http.close();
  await client.stop();
}

try {
  const config = readConfig(process.argv.slice(2));
  await run(config);
  process.exit(0);
} catch (error) {
  if (error instanceof HelpShown) process.exit(0);
  console.error(`enc-resolver: ${describeError(error).message}`);
  process.exit(BAD_CONFIG);
}
