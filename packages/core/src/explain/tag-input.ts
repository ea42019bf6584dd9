/**
 * One input of a tag. `name` is what people call it: `env.DEBUG`, `requirements.txt`, `src/a.py`. `key` is equal in all
 * plans for what is compared with each other. `digest`: of a file's bytes (of what it says, for pyproject.toml and
 * locks of packages), else of the canonical encoding of the value; null for a base that is taken by its name.
 */
export type TagInput = Readonly<
  { name: string; key: string; digest: string | null } & (
    | { kind: "value"; value: string }
    /** `ordered`: the order counts. */
    | { kind: "list"; values: readonly string[]; ordered: boolean }
    /** Requirements of packages, and options of their installer. */
    | { kind: "requirements"; values: readonly string[] }
    | { kind: "base"; value: string }
    /** `packages`: of a lock, where they are known. */
    | { kind: "file"; executable: boolean; packages?: readonly string[] | undefined }
    | { kind: "symlink"; value: string }
    | { kind: "folder" }
    /** All that is copied to one place. Where the files are not told one by one, `files` is null. */
    | { kind: "tree"; files: number | null }
  )
>;

export type InputKind = TagInput["kind"];
