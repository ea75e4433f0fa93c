// One validator's data on a disk of its own that can be filled: a tmpfs of bounded size, mounted where the process may mount (root).
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

const SIZE_MIB = 512;
const PIECE = Buffer.alloc(1024 * 1024, 1);
const ODD = Buffer.alloc(512, 1);

export class SmallDisk {
  #mounted = false;

  constructor(private readonly directory: string) {}

  get there(): boolean {
    return this.#mounted;
  }

  /** Leaves the directory on the machine's disk where it may not mount. */
  async mount(): Promise<void> {
    mkdirSync(this.directory, { recursive: true });
    this.#mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MIB}m,mode=0700`, 'enc-faults', this.directory]).status === 0;
    if (this.#mounted) process.once('exit', () => this.unmount());
  }

  /** Of a run that was killed. */
  clear(): void {
    this.#mounted = readFileSync('/proc/mounts', 'utf8').includes(` ${this.directory} `);
    this.unmount();
  }

  unmount(): void {
    if (!this.#mounted) return;
    this.#mounted = spawnSync('umount', [this.directory]).status !== 0;
    if (this.#mounted) this.#mounted = spawnSync('umount', ['-l', this.directory]).status !== 0;
  }

  /** To the last byte: every write after it fails with ENOSPC. */
  fill(): void {
    const file = openSync(this.#ballast, 'w');
    try {
      for (const piece of [PIECE, ODD]) untilFull(() => writeSync(file, piece));
    } finally {
      closeSync(file);
    }
  }
  empty(): void {
    rmSync(this.#ballast, { force: true });
  }

  get #ballast(): string {
    return path.join(this.directory, 'ballast');
  }
}

function untilFull(write: () => number): void {
  try {
    for (;;) write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
