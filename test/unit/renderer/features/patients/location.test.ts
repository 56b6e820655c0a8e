import { expect, it } from 'vitest';
import { splitLocation } from '../../../../../renderer/features/patients/location.ts';

it('parts the bed from the ward, so that it can stay where the ward is cut', () => {
  expect(splitLocation('Ward 4A Acute Medicine, Bed 12')).toEqual({ ward: 'Ward 4A Acute Medicine', bed: 'Bed 12' });
  expect(splitLocation('Ward 4A, Bay 3, Bed 12')).toEqual({ ward: 'Ward 4A, Bay 3', bed: 'Bed 12' });
  expect(splitLocation('Emergency department')).toEqual({ ward: 'Emergency department', bed: null });
});
