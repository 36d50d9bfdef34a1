/** The rows of a grid: tasks under their groups, without what lies in folded ones. */

export interface TreeNode {
  id: string;
  label: string;
  parent?: string | null;
  is_group?: boolean;
  is_mapped?: boolean;
  operator?: string;
}

export interface Row {
  id: string;
  label: string;
  depth: number;
  isGroup: boolean;
  isMapped: boolean;
  isFolded: boolean;
  operator: string;
  /** Places, in the lists of states, of this task or of all tasks in this group. */
  places: number[];
  /** Their ids, in the same order. */
  tasks: string[];
}

interface Branch extends Row {
  children: Branch[];
}

/** Return what stands at the top, each with what it holds; groups stand where their first task does. */
export function treeOf(nodes: readonly TreeNode[]): Branch[] {
  const branches = new Map(nodes.map((node) => [node.id, branchOf(node)]));
  const top: Branch[] = [];
  const placed = new Set<string>();
  const known = new Map(nodes.map((node) => [node.id, node]));
  function put(node: TreeNode): void {
    if (placed.has(node.id)) return;
    placed.add(node.id);
    const branch = branches.get(node.id) as Branch;
    const parent = known.get(node.parent ?? "");
    if (!parent) {
      top.push(branch);
      return;
    }
    put(parent);
    branches.get(parent.id)?.children.push(branch);
  }
  nodes
    .filter((node) => !node.is_group)
    .forEach((node, place) => {
      Object.assign(branches.get(node.id) as Branch, { places: [place], tasks: [node.id] });
      put(node);
    });
  top.forEach((branch) => settle(branch, 0));
  return top;
}

function branchOf(node: TreeNode): Branch {
  return {
    id: node.id,
    label: labelOf(node),
    depth: 0,
    isGroup: node.is_group ?? false,
    isMapped: node.is_mapped ?? false,
    isFolded: false,
    operator: node.operator ?? "",
    places: [],
    tasks: [],
    children: [],
  };
}

/** Return a label without the group's id, which the row above has. */
function labelOf({ id, label, parent }: TreeNode): string {
  const start = `${parent}.`;
  return label === id && parent && id.startsWith(start) ? id.slice(start.length) : label;
}

function settle(branch: Branch, depth: number): Branch {
  branch.depth = depth;
  const inside = branch.children.map((child) => settle(child, depth + 1));
  if (branch.isGroup) {
    branch.places = inside.flatMap((child) => child.places);
    branch.tasks = inside.flatMap((child) => child.tasks);
  }
  return branch;
}

/** Return the rows that are seen: those in folded groups are not. */
export function rowsOf(tree: readonly Branch[], folded: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  function add(branch: Branch): void {
    const isFolded = branch.isGroup && folded.has(branch.id);
    rows.push({ ...branch, isFolded });
    if (!isFolded) branch.children.forEach(add);
  }
  tree.forEach(add);
  return rows;
}
