/** The application id of this page on the mesh, and in the first record of its games. */
export const appId = 'tsugi-go'
