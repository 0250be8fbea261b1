//! One line of text with a cursor in it. Moves by what a person sees as one character; knows no screen.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::keymap::Action;
use crate::safe::Safe;

/// A line being edited. The cursor stands between two visible characters, as a byte index into the text. All of the text may be
/// selected: what is typed or pasted then takes its place, and any other key takes the selection away and does its own work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineEdit {
    text: String,
    cursor: usize,
    is_selected: bool,
}

impl LineEdit {
    /// The text with the cursor at its end.
    pub fn new(text: String) -> LineEdit {
        LineEdit { cursor: text.len(), text, is_selected: false }
    }

    /// The same, all of it selected: somebody has just arrived there.
    pub fn selected(text: String) -> LineEdit {
        LineEdit { is_selected: !text.is_empty(), ..LineEdit::new(text) }
    }

    pub fn is_selected(&self) -> bool {
        self.is_selected
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// What a key does in it; false where it does nothing.
    pub fn press(&mut self, action: Action) -> bool {
        match action {
            Action::Insert(letter) => self.insert(letter.encode_utf8(&mut [0; 4])),
            Action::Backspace => self.backspace(),
            Action::Delete => self.delete(),
            Action::DeleteWord => self.delete_word(),
            Action::ClearLine => self.clear(),
            Action::Left => self.cursor = self.before(),
            Action::Right => self.cursor = self.after(),
            Action::Home => self.cursor = 0,
            Action::End => self.cursor = self.text.len(),
            _ => return false,
        }
        self.is_selected = false;
        true
    }

    pub fn insert(&mut self, text: &str) {
        if std::mem::take(&mut self.is_selected) {
            self.clear();
        }
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
    }

    /// Takes out the character before the cursor.
    fn backspace(&mut self) {
        let start = self.before();
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }

    /// Takes out the character after the cursor.
    fn delete(&mut self) {
        let end = self.after();
        self.text.replace_range(self.cursor..end, "");
    }

    fn clear(&mut self) {
        *self = LineEdit::default();
    }

    /// Takes out the word before the cursor, with what separates it from the cursor. Dots separate too: in an
    /// address, a word is one of its parts.
    fn delete_word(&mut self) {
        let before = &self.text[..self.cursor];
        let separates = |symbol: char| symbol.is_whitespace() || matches!(symbol, '.' | '/' | ':' | '-');
        let word_end = before.trim_end_matches(separates).len();
        let start = before[..word_end]
            .rfind(separates)
            .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.cursor + self.text[self.cursor..].graphemes(true).next().map_or(0, str::len)
    }

    /// The part of the line that fits into `width` cells with the cursor in it, as it may be shown, and the cursor's
    /// cell in that part (0 to `width` - 1). The cursor may stand behind the last character.
    pub fn window(&self, width: usize) -> (Safe, usize) {
        let room = width.saturating_sub(1);
        let cursor = Safe::outside(&self.text[..self.cursor]).as_str().width();
        let whole = Safe::outside(&self.text);
        let skipped = cursor.saturating_sub(room);
        let mut at = 0;
        let mut part = String::new();
        for symbol in whole.as_str().graphemes(true) {
            if at >= skipped && at - skipped + symbol.width() <= width {
                part.push_str(symbol);
            }
            at += symbol.width();
        }
        (Safe::outside(&part), (cursor - skipped).min(room))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, edit: impl Fn(&mut LineEdit)) -> String {
        let mut line = LineEdit::new(text.into());
        edit(&mut line);
        line.text
    }

    #[test]
    fn a_visible_character_goes_as_a_whole() {
        assert_eq!(edited("cafe\u{301}", LineEdit::backspace), "caf");
        assert_eq!(
            edited("ação", |line| {
                line.press(Action::Home);
                line.delete();
                line.delete();
            }),
            "ão"
        );
    }

    #[test]
    fn a_word_of_an_address_is_one_of_its_parts() {
        assert_eq!(edited("192.168.0.10", LineEdit::delete_word), "192.168.0.");
        assert_eq!(edited("192.168.0.", LineEdit::delete_word), "192.168.");
        assert_eq!(edited("uma palavra  ", LineEdit::delete_word), "uma ");
        assert_eq!(edited("", LineEdit::delete_word), "");
    }

    #[test]
    fn the_cursor_stays_inside_the_window() {
        let mut line = LineEdit::new("servidor.example".into());
        assert_eq!(line.window(9), ("\u{2e}example".into(), 8));
        line.press(Action::Home);
        assert_eq!(line.window(9), ("servidor.".into(), 0));
        assert_eq!(line.window(0), ("".into(), 0));
        assert_eq!(line.window(40), ("servidor.example".into(), 0));
    }

    #[test]
    fn what_is_typed_or_pasted_takes_the_place_of_a_selection_and_any_other_key_keeps_the_text() {
        let after = |actions: &[Action]| {
            let mut line = LineEdit::selected("5432".into());
            assert!(actions.iter().all(|action| line.press(*action)));
            (line.text, line.is_selected)
        };
        let written = |text: &str| (text.to_owned(), false);
        assert_eq!(after(&[]), ("5432".to_owned(), true));
        assert_eq!(after(&[Action::Insert('8'), Action::Insert('1')]), written("81"));
        assert_eq!(after(&[Action::Left, Action::Insert('8')]), written("54382"));
        assert_eq!(after(&[Action::Home, Action::Insert('8')]), written("85432"));
        assert_eq!(after(&[Action::End, Action::Insert('8')]), written("54328"));
        assert_eq!(after(&[Action::Backspace]), written("543"));
        assert_eq!(after(&[Action::Delete, Action::Insert('8')]), written("54328"));
        assert_eq!(after(&[Action::ClearLine]), written(""));
        let mut pasted = LineEdit::selected("5432".into());
        pasted.insert("81");
        pasted.insert("2");
        assert_eq!(pasted, LineEdit::new("812".into()));
        assert!(!LineEdit::selected(String::new()).is_selected(), "nothing is there to be replaced");
    }

    #[test]
    fn what_a_file_brought_is_shown_spelled_out() {
        let line = LineEdit::new("a\x1b[2J".into());
        assert_eq!(line.window(20), ("a‹ESC›[2J".into(), 9));
    }
}
