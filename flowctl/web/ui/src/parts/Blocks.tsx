/** The rows of a long table, in blocks: those far from the window only keep their place. */

import { type ReactNode, startTransition, useEffect, useRef, useState } from "react";

const BLOCK = 20; // about as many as a window shows
const ROW_PX = 52; // until a block was seen
const NEAR_PX = 600;

interface Props<T> {
  items: readonly T[];
  keyOf: (item: T) => string;
  row: (item: T) => ReactNode;
  columns: number;
}

export function Blocks<T>({ items, keyOf, row, columns }: Props<T>) {
  const blocks = Array.from({ length: Math.ceil(items.length / BLOCK) }, (_, at) =>
    items.slice(at * BLOCK, (at + 1) * BLOCK),
  );
  return blocks.map((block, at) => (
    <Block key={keyOf(block[0] as T)} isFirst={at === 0} count={block.length} columns={columns}>
      {() => block.map(row)}
    </Block>
  ));
}

interface BlockProps {
  isFirst: boolean;
  count: number;
  columns: number;
  children: () => ReactNode;
}

function Block({ isFirst, count, columns, children }: BlockProps) {
  const place = useRef<HTMLTableSectionElement>(null);
  const [isNear, setNear] = useState(isFirst);
  const [height, setHeight] = useState(count * ROW_PX);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const watcher = new IntersectionObserver(
      (seen) => {
        const last = seen.at(-1) as IntersectionObserverEntry;
        // Where somebody works by keyboard stays.
        const isKept = last.isIntersecting || element.contains(document.activeElement);
        if (!isKept) setHeight(last.boundingClientRect.height);
        startTransition(() => setNear(isKept)); // the frame that is due comes first
      },
      { root: element.closest("main"), rootMargin: `${NEAR_PX}px` },
    );
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  return (
    <tbody ref={place}>
      {isNear ? (
        children()
      ) : (
        <tr style={{ height }} aria-hidden="true">
          <td colSpan={columns} />
        </tr>
      )}
    </tbody>
  );
}
