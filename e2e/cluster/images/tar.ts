// Writes tar archives (POSIX.1-1988 ustar) that are the same bytes for the same content.

export interface TarFile {
  name: string;
  content: Buffer;
  /** Permission bits; 0644 when absent. */
  mode?: number;
}

const BLOCK = 512;
const LONGEST_NAME = 100;

function header({ name, content, mode = 0o644 }: TarFile): Buffer {
  if (Buffer.byteLength(name) > LONGEST_NAME) throw new RangeError(`tar: '${name}' is longer than ${LONGEST_NAME} bytes`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number) => block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'ascii');
  block.write(name, 0, 'utf8');
  octal(mode, 100, 8);
  octal(0, 108, 8); // owner
  octal(0, 116, 8); // group
  octal(content.length, 124, 12);
  octal(0, 136, 12); // modification time: always the epoch
  block.write(' '.repeat(8), 148, 'ascii'); // the checksum counts itself as blanks
  block.write('0', 156, 'ascii'); // a regular file
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii');
  return block;
}

export function tar(files: readonly TarFile[]): Buffer {
  const parts = files.flatMap((file) => [header(file), file.content, Buffer.alloc((BLOCK - (file.content.length % BLOCK)) % BLOCK)]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}
