use std::collections::BTreeMap;

use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

/// A question with three answers.
struct Question {
    text: &'static str,
    answers: [&'static str; 3],
    /// The index of the correct answer.
    right: usize,
    because: &'static str,
}

const QUESTIONS: [Question; 7] = [
    Question {
        text: "HTTP is stateless. What does that mean?",
        answers: [
            "A server cannot store anything",
            "Each request is answered as if it were the first",
            "A page cannot have forms",
        ],
        right: 1,
        because: "Whatever ties two requests together has to come with the second one.",
    },
    Question {
        text: "Who decides whether a cookie is kept?",
        answers: ["The browser", "The server", "Both have to agree in advance"],
        right: 0,
        because: "Set-Cookie is a request. The browser refuses it without a word if a rule is broken.",
    },
    Question {
        text: "A signed session lies in the browser. What can the visitor do with it?",
        answers: [
            "Read and change it",
            "Change but not read it",
            "Read but not change it",
        ],
        right: 2,
        because: "The signature shows every change, and hides nothing.",
    },
    Question {
        text: "Where does a secret key belong?",
        answers: [
            "Into the source, near the code",
            "Into the environment",
            "Into an HttpOnly cookie",
        ],
        right: 1,
        because: "Source is shared, copied and published. Who has the key can write any session.",
    },
    Question {
        text: "What does HttpOnly keep away from a cookie?",
        answers: ["Scripts in the page", "Other sites", "Plain http"],
        right: 0,
        because: "Other sites are SameSite’s, and plain http is Secure’s.",
    },
    Question {
        text: "Why does a login need a new session id?",
        answers: [
            "Ids wear out",
            "Somebody may have planted the old one",
            "The browser would forget the old one",
        ],
        right: 1,
        because: "Whoever knows the id from before would be logged in with you: session fixation.",
    },
    Question {
        text: "Which session can be ended from another device?",
        answers: ["A signed one", "An encrypted one", "A stored one"],
        right: 2,
        because: "Only a session on the server can be taken back; a copied cookie lives until it is too old.",
    },
];

/// Returns the questions with the given answers, and the number of correct answers.
pub(crate) fn marked(given: &BTreeMap<String, String>) -> (Value, usize) {
    let mut right = 0;
    let questions: Vec<_> = QUESTIONS
        .iter()
        .enumerate()
        .map(|(at, question)| {
            let name = format!("q{}", at + 1);
            let answer =
                given.get(&name).and_then(|answer| answer.parse::<usize>().ok());
            let is_right = answer == Some(question.right);
            right += usize::from(is_right);
            question.to_template(name, answer, is_right)
        })
        .collect();
    (questions.into_iter().collect(), right)
}

impl Question {
    fn to_template(
        &self,
        name: String,
        answer: Option<usize>,
        is_right: bool,
    ) -> Value {
        let answers: Value = self
            .answers
            .iter()
            .enumerate()
            .map(|(at, text)| context! { text => *text, value => at, is_given => answer == Some(at) })
            .collect();
        context! {
            name, answers, is_right,
            text => self.text,
            is_answered => answer.is_some(),
            right => self.answers[self.right],
            because => self.because,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(
        answers: impl IntoIterator<Item = (usize, String)>,
    ) -> BTreeMap<String, String> {
        answers
            .into_iter()
            .map(|(at, answer)| (format!("q{}", at + 1), answer))
            .collect()
    }

    #[test]
    fn right_answers_are_counted() {
        let all = QUESTIONS
            .iter()
            .enumerate()
            .map(|(at, question)| (at, question.right.to_string()));
        assert_eq!(marked(&given(all)).1, QUESTIONS.len());
        assert_eq!(marked(&given([])).1, 0);
        let nonsense =
            (0..QUESTIONS.len()).map(|at| (at, "9999999999999999999999".to_owned()));
        assert_eq!(marked(&given(nonsense)).1, 0);
    }

    #[test]
    fn the_right_answer_is_not_always_in_the_same_place() {
        for place in 0..3 {
            assert!(QUESTIONS.iter().any(|question| question.right == place));
        }
    }
}
