/** The people who can sign in. None of them exists; the passwords are no secrets. */
export interface DevUser {
  username: string;
  password: string;
  practitionerId: string;
  display: string;
}

/** The password of every development user follows from the name. */
export const passwordOf = (username: string) => `${username}-synthetic`;

function user(username: string, display: string): DevUser {
  return { username, password: passwordOf(username), practitionerId: `dev-${username}`, display };
}

/** The first is on nearly every care team, the second on about half, the third on none. */
export const devUsers: readonly DevUser[] = [
  user('osei', 'Dr Amara Osei'),
  user('lindqvist', 'Elin Lindqvist RN'),
  user('locum', 'Dr Tomás Ibáñez (locum)'),
];
