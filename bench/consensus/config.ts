// What `make bench-consensus` measures and for how long, from the environment.

export interface BenchConfig {
  runs: number;
  /** Numbers of validators. */
  sizes: number[];
  /** Operations offered each second; by size where the environment names none: up to about the peer's peak. */
  rates(size: number): number[];
  /** How long each rate is offered, and how long the peak is looked at, each after a warm-up of a third of it. */
  seconds: number;
  /** Operations that are under way at once when the peak is looked for. */
  inFlight: number;
  /** Operations after which a validator's memory is looked at; 0 = after those of the other measurements. */
  operations: number;
  /** 'both', 'ours' or 'peer'. */
  which: string;
}

const BY_SIZE: Readonly<Record<number, number[]>> = { 4: [100, 500, 1_000], 7: [100, 250, 500] };

/** Throws Error naming the variable. */
export function readConfig(environment: NodeJS.ProcessEnv): BenchConfig {
  const whole = (name: string, value: string): number => {
    if (!/^\d{1,8}$/.test(value))
      throw new Error(`${name}="${value}" is no whole number; write it as ${name}=4 or, where several are taken, ${name}=4,7`);
    return Number(value);
  };
  const number = (name: string, fallback: number): number => whole(name, environment[name] ?? String(fallback));
  const list = (name: string): number[] | undefined => environment[name]?.split(',').map((value) => whole(name, value));
  const rates = list('RATES');
  return {
    runs: number('RUNS', 3),
    sizes: list('SIZES') ?? [4, 7],
    rates: (size) => rates ?? BY_SIZE[size] ?? BY_SIZE[7]!,
    seconds: number('SECONDS_EACH', 6),
    inFlight: number('IN_FLIGHT', 2_000),
    operations: number('OPERATIONS', 0),
    which: environment['WHICH'] ?? 'both',
  };
}
