/** OpenCC's table of traditional characters: `乾 干|亂 乱|…`, the first reading of each. The package has no types for it. */
declare module 'opencc-js/dict/TSCharacters' {
  const pairs: string;
  export default pairs;
}
