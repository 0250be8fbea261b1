//! Line and column of an offset into a text: both from 1, columns in characters, lines ended by LF.

/// Line and column of the character at `offset`.
pub fn of(text: &str, offset: usize) -> (usize, usize) {
    Sweep::over(text).at(offset)
}

/// Line and column of many offsets in one pass over the text, as long as they ascend.
///
/// Counting from the start for each would take minutes for a large file with many unknown keys on one line.
pub struct Sweep<'t> {
    text: &'t str,
    offset: usize,
    line: usize,
    column: usize,
}

impl<'t> Sweep<'t> {
    /// Stands at the first character.
    pub fn over(text: &'t str) -> Sweep<'t> {
        Sweep { text, offset: 0, line: 1, column: 1 }
    }

    /// Moves to `offset` (into a character: to its beginning) and says where that is.
    pub fn at(&mut self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset);
        if offset < self.offset {
            *self = Sweep::over(self.text);
        }
        let passed = self.text.get(self.offset..offset).unwrap_or_default();
        match passed.rfind('\n') {
            Some(end) => {
                self.line += passed.bytes().filter(|byte| *byte == b'\n').count();
                self.column = 1 + passed[end + 1..].chars().count();
            }
            None => self.column += passed.chars().count(),
        }
        self.offset = offset;
        (self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_with_lf() {
        let text = "çã\r\n é{\n";
        let at = |piece: &str| of(text, text.find(piece).unwrap());
        assert_eq!((at("ç"), at("ã"), at("é"), at("{")), ((1, 1), (1, 2), (2, 2), (2, 3)));
        assert_eq!(of(text, text.len()), (3, 1));
        assert_eq!(of(text, text.len() + 9), (3, 1));
        assert_eq!(of(text, 1), (1, 1), "inside a character is at its beginning");
    }

    #[test]
    fn a_sweep_agrees_with_counting_from_the_start() {
        let text = "{\n\"ç\": 1,\n\n  \"b\": \"日本\"}\r\n";
        let mut sweep = Sweep::over(text);
        for offset in (0..=text.len()).chain([3, 9, 2]) {
            assert_eq!(sweep.at(offset), of(text, offset), "{offset}");
        }
    }
}
