// Tunes a CometBFT node's config.toml for speed, as its users would for a comparison of peaks.

/** Section ('' = before the first) → key → value as TOML. */
export type Settings = Record<string, Record<string, string>>;

/** What every node gets; addresses come on top. */
export const FAST: Settings = {
  '': { log_level: '"error"' },
  rpc: {
    max_open_connections: '2000',
    max_subscriptions_per_client: '100',
    experimental_subscription_buffer_size: '10000',
    experimental_websocket_write_buffer_size: '10000',
    experimental_close_on_slow_client: 'false',
  },
  p2p: {
    addr_book_strict: 'false',
    allow_duplicate_ip: 'true',
    send_rate: '512000000',
    recv_rate: '512000000',
    flush_throttle_timeout: '"5ms"',
    pex: 'false',
  },
  mempool: { recheck: 'false', size: '100000', max_txs_bytes: '1073741824', cache_size: '200000' },
  consensus: { timeout_commit: '"0s"', skip_timeout_commit: 'true', create_empty_blocks: 'false', peer_gossip_sleep_duration: '"5ms"' },
  tx_index: { indexer: '"null"' },
};

/** Replaces the values of keys that are there; keys that this version does not know are returned in `unknown`. */
export function withSettings(toml: string, settings: Settings): { toml: string; unknown: string[] } {
  const left = new Set(Object.entries(settings).flatMap(([section, keys]) => Object.keys(keys).map((key) => `${section}.${key}`)));
  let section = '';
  const lines = toml.split('\n').map((line) => {
    section = /^\[([\w.]+)\]/.exec(line)?.[1] ?? section;
    const key = /^(\w+) *=/.exec(line)?.[1];
    const value = key === undefined ? undefined : settings[section]?.[key];
    if (value === undefined) return line;
    left.delete(`${section}.${key}`);
    return `${key} = ${value}`;
  });
  return { toml: lines.join('\n'), unknown: [...left] };
}
