import { INSTANCES_USAGE, readInstances } from '../../../scripts/read-instances.ts';

const services = ['orders', 'inventory', 'sales'];
const read = (...words: string[]): unknown => {
  const instances = readInstances(words, services);
  return typeof instances === 'string' ? instances : Object.fromEntries(instances);
};

test('every service runs once unless told', () => {
  expect(read()).toEqual({ orders: 1, inventory: 1, sales: 1 });
});

test('a number is for all of them, a name for one, and the last word counts', () => {
  expect(read('--instances', '2')).toEqual({ orders: 2, inventory: 2, sales: 2 });
  expect(read('--instances', 'inventory=4')).toEqual({ orders: 1, inventory: 4, sales: 1 });
  expect(read('--instances=2', '--instances=sales=5')).toEqual({ orders: 2, inventory: 2, sales: 5 });
  expect(read('--instances', 'sales=5', '--instances', '3')).toEqual({ orders: 3, inventory: 3, sales: 3 });
});

test('a service that is not there is named, with those that are', () => {
  expect(read('--instances', 'stock=2')).toBe('There is no service stock, only orders, inventory, sales.');
});

test.each([
  '--instances',
  '--instances 0',
  '--instances inventory=',
  '--instances -1',
  '--instances 1.5',
  '--instances 65',
  '--instances =2x',
  '--replicas 2',
  '2',
])('%s is not understood, and usage is shown', (line) => {
  expect(read(...line.split(' '))).toBe(INSTANCES_USAGE);
});
