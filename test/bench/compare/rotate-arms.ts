/**
 * The order of the arms in each repeat, so that none always comes first or always after the same one: each repeat begins one arm
 * later, and every other repeat goes backwards.
 */
export function rotateArms<Arm>(arms: readonly Arm[], repeat: number): Arm[] {
  const start = arms.length === 0 ? 0 : repeat % arms.length;
  const rotated = [...arms.slice(start), ...arms.slice(0, start)];
  return repeat % 2 === 0 ? rotated : rotated.toReversed();
}
