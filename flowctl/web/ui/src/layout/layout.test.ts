import dagre from "@dagrejs/dagre";
import { describe, expect, test } from "vitest";
import { layout } from "./layout";
import type { Direction, Laid, Point, Rect, Scene } from "./model";
import { grouped, layered, pipeline, sceneOf } from "./scenes";

const { cpuUsage } = (
  globalThis as unknown as { process: { cpuUsage: (from?: object) => { user: number } } }
).process;
const DIRECTIONS: Direction[] = ["LR", "TB", "RL", "BT"];

function overlap(a: Rect, b: Rect): boolean {
  return (
    a.x + a.width > b.x + 0.01 &&
    b.x + b.width > a.x + 0.01 &&
    a.y + a.height > b.y + 0.01 &&
    b.y + b.height > a.y + 0.01
  );
}

function holds(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width + 0.01 &&
    inner.y + inner.height <= outer.y + outer.height + 0.01
  );
}

function around(scene: Scene, id: string): string[] {
  const parents = new Map([...scene.groups, ...scene.nodes].map((one) => [one.id, one.parent]));
  const found: string[] = [];
  for (let up = parents.get(id); up; up = parents.get(up)) found.push(up);
  return found;
}

function faults(scene: Scene, laid: Laid): string[] {
  const found: string[] = [];
  scene.nodes.forEach((a, i) => {
    for (let j = i + 1; j < scene.nodes.length; j++)
      if (overlap(laid.nodes[i]!, laid.nodes[j]!)) found.push(`${a.id} on ${scene.nodes[j]!.id}`);
    const outer = around(scene, a.id);
    scene.groups.forEach((group, j) => {
      const box = laid.groups[j]!;
      if (outer.includes(group.id)) {
        if (!holds(box, laid.nodes[i]!)) found.push(`${a.id} is out of ${group.id}`);
      } else if (overlap(box, laid.nodes[i]!)) found.push(`${a.id} in foreign ${group.id}`);
    });
  });
  scene.groups.forEach((a, i) => {
    for (let j = i + 1; j < scene.groups.length; j++) {
      const b = scene.groups[j]!;
      const isInside = around(scene, a.id).includes(b.id) || around(scene, b.id).includes(a.id);
      if (!isInside && overlap(laid.groups[i]!, laid.groups[j]!)) found.push(`${a.id} on ${b.id}`);
    }
  });
  return found;
}

/** Count pairs of edges without a common end whose straight parts cross. */
function drawnCrossings(scene: Scene, paths: Point[][]): number {
  const side = (a: Point, b: Point, c: Point) =>
    Math.sign((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x));
  const cross = (a: Point, b: Point, c: Point, d: Point) =>
    side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
  let count = 0;
  scene.edges.forEach((one, i) => {
    scene.edges.slice(i + 1).forEach((two, k) => {
      if (one.source === two.source || one.target === two.target) return;
      const [p, q] = [paths[i]!, paths[i + 1 + k]!];
      for (let a = 1; a < p.length; a++)
        for (let b = 1; b < q.length; b++) if (cross(p[a - 1]!, p[a]!, q[b - 1]!, q[b]!)) count++;
    });
  });
  return count;
}

function byDagre(scene: Scene): Point[][] {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of scene.nodes) graph.setNode(node.id, { ...node });
  scene.edges.forEach((edge, at) => graph.setEdge(edge.source, edge.target, {}, String(at)));
  dagre.layout(graph);
  return scene.edges.map((edge, at) => graph.edge(edge.source, edge.target, String(at)).points);
}

describe("nothing lies on what it does not belong to", () => {
  test.each([1, 2, 3, 4, 5, 6])("in random layers of seed %i", (seed) => {
    const scene = layered(seed, 4 + seed, 3 + seed);
    expect(faults(scene, layout(scene))).toEqual([]);
  });

  test.each(DIRECTIONS)("with groups in groups, %s", (direction) => {
    for (let seed = 1; seed <= 3; seed++) {
      const scene = grouped(seed, 3 + seed, direction);
      expect(faults(scene, layout(scene))).toEqual([]);
    }
  });
});

test.each(DIRECTIONS)("edges go forward, from border to border: %s", (direction) => {
  const scene = { ...pipeline(9), direction };
  const { nodes, edges } = layout(scene);
  const at = new Map(scene.nodes.map((node, i) => [node.id, nodes[i]!]));
  scene.edges.forEach((edge, i) => {
    const [a, b] = [at.get(edge.source)!, at.get(edge.target)!];
    const [first, last] = [edges[i]!.points[0]!, edges[i]!.points.at(-1)!];
    const forward = {
      LR: [a.x + a.width, first.x, last.x, b.x],
      TB: [a.y + a.height, first.y, last.y, b.y],
      RL: [-a.x, -first.x, -last.x, -(b.x + b.width)],
      BT: [-a.y, -first.y, -last.y, -(b.y + b.height)],
    }[direction] as [number, number, number, number];
    expect(forward[0]).toBeCloseTo(forward[1]);
    expect(forward[1]).toBeLessThan(forward[2]);
    expect(forward[2]).toBeCloseTo(forward[3]);
  });
});

test("an edge into a group ends at the node inside of it", () => {
  const scene = grouped(3, 6, "LR");
  const { nodes, edges } = layout(scene);
  const at = new Map(scene.nodes.map((node, i) => [node.id, nodes[i]!]));
  scene.edges.forEach((edge, i) => {
    const box = at.get(edge.target)!;
    const last = edges[i]!.points.at(-1)!;
    expect(last.y).toBeCloseTo(box.y + box.height / 2);
    expect([box.x, box.x + box.width].some((x) => Math.abs(x - last.x) < 0.01)).toBe(true);
  });
});

/** Say over which nodes the straight parts of edges run; curves stay between layers. */
function runOver(scene: Scene, { nodes, edges }: Laid): string[] {
  const found: string[] = [];
  scene.edges.forEach((edge, i) => {
    edges[i]!.points.slice(1).forEach((to, k) => {
      const from = edges[i]!.points[k]!;
      if (Math.abs(from.y - to.y) > 0.01) return;
      const width = Math.abs(to.x - from.x);
      const line = { x: Math.min(from.x, to.x), y: from.y, width, height: 0.1 };
      scene.nodes.forEach(({ id }, at) => {
        if (id !== edge.source && id !== edge.target && overlap(line, nodes[at]!))
          found.push(`${edge.source} > ${edge.target} over ${id}`);
      });
    });
  });
  return found;
}

test("an edge runs over no node", () => {
  for (const scene of [pipeline(7), layered(4, 8, 6), grouped(2, 7, "LR")])
    expect(runOver(scene, layout(scene))).toEqual([]);
});

test("a label has room that no node takes", () => {
  const scene = sceneOf(
    ["a", "b", "c"],
    [
      ["a", "b"],
      ["a", "c"],
      ["b", "c"],
    ],
  );
  scene.edges[0]!.label = { text: "", width: 80, height: 18 };
  const { nodes, edges } = layout(scene);
  const { x, y } = edges[0]!.label!;
  const label = { x: x - 40, y: y - 9, width: 80, height: 18 };
  expect(nodes.filter((node) => overlap(node, label))).toEqual([]);
});

test("a cycle is drawn all the same", () => {
  const scene = sceneOf(
    ["a", "b", "c"],
    [
      ["a", "b"],
      ["b", "c"],
      ["c", "a"],
    ],
  );
  const laid = layout(scene);
  expect(faults(scene, laid)).toEqual([]);
  expect(laid.edges.every((edge) => edge.points.length >= 2)).toBe(true);
});

describe("edges cross no more often than dagre's", () => {
  test.each([10, 20, 30, 40])("over random layers from seed %i on", (first) => {
    let ours = 0;
    let theirs = 0;
    for (let seed = first; seed < first + 3; seed++) {
      const scene = layered(seed, 6, 7);
      ours += drawnCrossings(
        scene,
        layout(scene).edges.map((edge) => edge.points),
      );
      theirs += drawnCrossings(scene, byDagre(scene));
    }
    expect(ours).toBeLessThanOrEqual(theirs);
  });

  test.each([3, 8, 15])("in a pipeline of %i sources", (sources) => {
    const scene = pipeline(sources);
    const ours = layout(scene).edges.map((edge) => edge.points);
    expect(drawnCrossings(scene, ours)).toBeLessThanOrEqual(drawnCrossings(scene, byDagre(scene)));
  });
});

test("the same scene gives the same layout", () => {
  const scene = grouped(5, 8, "TB");
  expect(layout(structuredClone(scene))).toEqual(layout(scene));
});

test("twice the nodes take about twice the time", () => {
  const took = (layers: number) => {
    const scene = layered(1, layers, 12);
    const start = cpuUsage();
    layout(scene);
    return cpuUsage(start).user;
  };
  // Whatever else the machine does only adds to it: of many turns one is hardly disturbed.
  const turns = Array.from({ length: 12 }, () => [took(20), took(60)] as const);
  const [few, many] = [0, 1].map((at) => Math.min(...turns.map((turn) => turn[at]!)));
  expect(many).toBeLessThan(few! * 3 * 2.5);
});

test("empty and single scenes", () => {
  expect(layout(sceneOf([], []))).toMatchObject({ nodes: [], width: 0 });
  expect(layout(sceneOf(["a"], [])).nodes).toEqual([{ x: 0, y: 0, width: 140, height: 40 }]);
});
