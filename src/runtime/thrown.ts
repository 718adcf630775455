import { inspect } from 'node:util';
import { framesOfTest, isFrame } from './frames.js';
import { stackOf } from './stack.js';

/**
 * The thrown value as text, whatever it is: a failure to tell of a failure would leave the client waiting. Of its stack
 * it has the frames of the test; where there are none, and it is no sentence of Waylay's own, what there is.
 */
export function thrownText(cause: unknown): string {
  try {
    if (cause instanceof Error)
      return ofTest(stackOf(cause) || String(cause.message), 'fault' in cause && cause.fault === 'test');
    return typeof cause === 'string' ? cause : inspect(cause);
  } catch {
    return 'what it threw cannot be shown';
  }
}

function ofTest(stack: string, told: boolean): string {
  const lines = stack.split('\n');
  const frames = lines.filter(isFrame);
  const kept = framesOfTest(frames);
  if (kept.length === 0 && !told) return stack;
  return lines.filter((line) => !isFrame(line) || kept.includes(line)).join('\n');
}
