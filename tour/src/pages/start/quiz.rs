use std::collections::BTreeMap;

use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

/// A question with three answers.
struct Question {
    text: &'static str,
    answers: [&'static str; 3],
    /// The index of the correct answer.
    correct: usize,
    explanation: &'static str,
}

const QUESTIONS: [Question; 7] = [
    Question {
        text: "HTTP is stateless. What does that mean?",
        answers: [
            "A server cannot store anything",
            "Each request is answered as if it were the first",
            "A page cannot have forms",
        ],
        correct: 1,
        explanation: "Whatever connects two requests must be sent with the second one.",
    },
    Question {
        text: "Who decides whether a cookie is stored?",
        answers: ["The browser", "The server", "Both have to agree in advance"],
        correct: 0,
        explanation: "Set-Cookie is only a request. The browser silently ignores a cookie that breaks a rule.",
    },
    Question {
        text: "A signed session is in the browser. What can the visitor do with it?",
        answers: [
            "Read and change it",
            "Change but not read it",
            "Read but not change it",
        ],
        correct: 2,
        explanation: "The signature reveals every change, but hides nothing.",
    },
    Question {
        text: "Where does a secret key belong?",
        answers: ["In the source code", "In the environment", "In an HttpOnly cookie"],
        correct: 1,
        explanation: "Source code is shared, copied, and published. Anyone who has the key can forge any session.",
    },
    Question {
        text: "What does HttpOnly protect a cookie from?",
        answers: ["Scripts in the page", "Other sites", "Plain HTTP"],
        correct: 0,
        explanation: "SameSite is about other sites, and Secure is about plain HTTP.",
    },
    Question {
        text: "Why does a login need a new session id?",
        answers: [
            "Ids wear out",
            "Someone may have planted the old one",
            "The browser would forget the old one",
        ],
        correct: 1,
        explanation: "Anyone who knows the old id would be logged in as you: session fixation.",
    },
    Question {
        text: "Which session can be ended from another device?",
        answers: ["A signed one", "An encrypted one", "A stored one"],
        correct: 2,
        explanation: "Only a session on the server can be revoked. A copied cookie is valid until it expires.",
    },
];

/// Returns the questions with the given answers, and the number of correct answers.
pub(crate) fn grade(given: &BTreeMap<String, String>) -> (Value, usize) {
    let mut correct = 0;
    let questions: Vec<_> = QUESTIONS
        .iter()
        .enumerate()
        .map(|(at, question)| {
            let name = format!("q{}", at + 1);
            let answer =
                given.get(&name).and_then(|answer| answer.parse::<usize>().ok());
            let is_correct = answer == Some(question.correct);
            correct += usize::from(is_correct);
            question.to_template(name, answer, is_correct)
        })
        .collect();
    (questions.into_iter().collect(), correct)
}

impl Question {
    fn to_template(
        &self,
        name: String,
        answer: Option<usize>,
        is_correct: bool,
    ) -> Value {
        let answers: Value = self
            .answers
            .iter()
            .enumerate()
            .map(|(at, text)| context! { text => *text, value => at, is_given => answer == Some(at) })
            .collect();
        context! {
            name, answers, is_correct,
            text => self.text,
            is_answered => answer.is_some(),
            correct => self.answers[self.correct],
            explanation => self.explanation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers_given(
        answers: impl IntoIterator<Item = (usize, String)>,
    ) -> BTreeMap<String, String> {
        answers
            .into_iter()
            .map(|(at, answer)| (format!("q{}", at + 1), answer))
            .collect()
    }

    #[test]
    fn correct_answers_are_counted() {
        let all = QUESTIONS
            .iter()
            .enumerate()
            .map(|(at, question)| (at, question.correct.to_string()));
        assert_eq!(grade(&answers_given(all)).1, QUESTIONS.len());
        assert_eq!(grade(&answers_given([])).1, 0);
        let nonsense =
            (0..QUESTIONS.len()).map(|at| (at, "9999999999999999999999".to_owned()));
        assert_eq!(grade(&answers_given(nonsense)).1, 0);
    }

    #[test]
    fn the_correct_answer_is_not_always_in_the_same_position() {
        for position in 0..3 {
            assert!(QUESTIONS.iter().any(|question| question.correct == position));
        }
    }
}
