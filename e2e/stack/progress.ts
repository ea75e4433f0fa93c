// Prints what is being done and how long it took, one line a step.

export interface Progress {
  step<T>(title: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>;
  line(text: string): void;
}

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

export function printedProgress(write: (text: string) => void = (text) => process.stdout.write(text)): Progress {
  const started = Date.now();
  return {
    line: (text) => write(`${text}\n`),
    async step(title, work) {
      const began = Date.now();
      write(`==> ${title}\n`);
      try {
        const value = await work((text) => write(`    ${text}\n`));
        write(`    done in ${seconds(began)} (${seconds(started)} since the start)\n`);
        return value;
      } catch (error) {
        write(`    failed after ${seconds(began)}\n`);
        throw error;
      }
    },
  };
}
