//! What the status line says.

use super::{Model, Notice};
use crate::document::save::Cause;
use crate::safe::Safe;
use crate::say;

impl Model {
    /// Says something in the status line.
    pub fn tell(&mut self, message: Safe) {
        self.notice = Some(Notice { message, warns: false, stays: false });
    }

    /// Says in the status line that something did not go as wished.
    pub fn warn(&mut self, message: Safe) {
        self.notice = Some(Notice { message, warns: true, stays: false });
    }

    /// Says what is to be known of the document as the form opens; that it cannot be saved goes before all else.
    pub fn warn_of_document(&mut self) {
        if let Some(strays) = self.strays.brief(self.lang()) {
            self.warn(strays);
        }
        self.warn_read_only();
    }

    /// Says that this user cannot save, and why, where that is so.
    pub fn warn_read_only(&mut self) {
        if let Some(denied) = &self.denied {
            let (lang, reason) = (self.lang(), denied.reason(self.lang()));
            let message = match denied.cause {
                Cause::Foreign(_) => say!(
                    lang,
                    "Somente leitura; F12 mostra quem grava: {}",
                    "Read-only; F12 shows who saves: {}",
                    reason
                ),
                _ => say!(
                    lang,
                    "Somente leitura; F12 guarda um rascunho: {}",
                    "Read-only; F12 keeps a draft: {}",
                    reason
                ),
            };
            self.warn(message);
        }
    }
}
