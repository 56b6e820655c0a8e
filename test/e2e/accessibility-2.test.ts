import { checkScreens } from '../gallery/checked.ts';

checkScreens(2);
