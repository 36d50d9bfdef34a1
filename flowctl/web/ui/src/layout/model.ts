/** What a layout is made from, and what comes out. Sizes and places are CSS pixels. */

export type Direction = "LR" | "TB" | "RL" | "BT";

export interface BoxIn {
  id: string;
  width: number;
  height: number;
  /** The group it is in. */
  parent?: string | null;
}

export interface GroupIn {
  id: string;
  parent?: string | null;
  /** What its title needs. */
  minWidth: number;
}

export interface EdgeIn {
  /** A node, or a group where the edge ends at its border. */
  source: string;
  target: string;
  label?: { text: string; width: number; height: number } | null;
}

export interface Scene {
  direction: Direction;
  nodes: BoxIn[];
  groups: GroupIn[];
  edges: EdgeIn[];
}

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Route {
  /** Corners; where x and y both change from one to the next, a curve is drawn. */
  points: Point[];
  /** The middle of its label. */
  label: Point | null;
}

/** Places in the order of the scene's nodes, groups and edges. */
export interface Laid {
  width: number;
  height: number;
  nodes: Rect[];
  groups: Rect[];
  edges: Route[];
}

/** Distances, along the direction of the edges and across it. */
export const GAP = {
  along: 44,
  across: 18,
  besideEdge: 10,
  title: 30,
  padding: 14,
  unit: 24,
};
