/** Characters of a body or comment: "body is too long (maximum is 65536 characters)". Beyond it GitHub answers 422. */
export const longestText = 65_536;

/** Characters of a status' description: GitHub refuses more. */
export const longestDescription = 140;
